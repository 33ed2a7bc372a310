import { agreeWithBinary } from '../support/agreement.js';

agreeWithBinary('webgpu');
